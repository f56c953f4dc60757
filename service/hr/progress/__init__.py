"""How far an organisation's appraisals have come, for its HR administrators."""
