"""Which examples train, which are held out, and which stand for all: of images and texts alike.

All that divides and samples is here, and jobs ask for it by its purpose: `Divided` says which split
a training watches and which one figures come from, and deals folds; `hold_out` takes examples for
validation, or the first in order; `sample_rows` takes some that stand for all. What belongs
together stays together, every class gives its share, and the order in which examples lie, such as
that of class folders, decides nothing unless it is asked for.
"""
