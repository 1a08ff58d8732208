"""The same number of images a class: as copies on disk, or drawn afresh each epoch."""
