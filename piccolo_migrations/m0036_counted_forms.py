"""What did not count at the release never counts later.

The release forgets on which day a form was given. Whoever computed scores after it
could judge by the day of the invitation alone, and count a form that was not released.
"""

UP = """
ALTER TABLE feedback_rater ADD COLUMN counted boolean;
"""

DOWN = """
ALTER TABLE feedback_rater DROP COLUMN counted;
"""
