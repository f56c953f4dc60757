"""Words that may tell who wrote a text: lists and small rules, no learning."""
