"""SCIM 2.0: identity providers say who is there, and who may sign in no more.

Decisions:

- The protocol is scim2-server's; what is kept, and what it means, is ours. A client
  provisions one organisation, and sees only whom it or another client of that
  organisation has provisioned: nobody comes in by an e-mail address.
- What a client says is applied to the directory when it says it, and not again: an HR
  extract and an identity provider may both look after a person, and the last word on
  each fact counts. What it takes back, it takes back only if it still stands. Rows are
  dated as imports date them, and an import passes over what SCIM alone states.
- A person is who has the HR system's id, the employee number or the external id that is
  stated, now or before; else somebody new. They enter the directory once both their
  names and their work address are known, and have a posting once a title and a grade
  are; until then they are kept here and nowhere else.
- Who is deactivated leaves as whoever is missing from a complete extract does, except
  that appraisal records stay HR's affair, and may not sign in again until activated,
  whatever an extract says: `person_signing_in` is asked with every request.
- There are no groups: what people may do follows from postings and from grants that
  end, and no identity provider can grant it. `/Groups` is there, empty, for those that
  test a connection by it.
- What has no place in an appraisal (telephones, addresses, birthdays) is accepted from
  those who send it and dropped unread.
"""
