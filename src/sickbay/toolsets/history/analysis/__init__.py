"""What records and verdicts come to in answers, pure."""
