"""Training pipeline of the extractive reader: data mix, training, evaluation and export."""
