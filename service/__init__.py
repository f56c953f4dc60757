"""Joined-up Appraisal: how well senior civil servants work across departments."""
