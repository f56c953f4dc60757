"""By which method it was found whose score hangs on one form.

Looking for signals finds it as method `mean` scores. Once a cycle is computed by
another, reviewers have what hangs by that one, and who looks again must leave it.
"""

UP = """
ALTER TABLE feedback_window ADD COLUMN weighed_by varchar(40);
"""

DOWN = """
ALTER TABLE feedback_window DROP COLUMN weighed_by;
"""
