"""The mathematics under the networks, written out once: to be read, and nothing else uses it.

Each file has an equation for every function, and a test in `tests/foundations/` that compares it
with PyTorch. In reading order:

    three_layers        a network trained by hand: forward, error, backward (chain rule), update
    one_hot             why an embedding is a matrix product, and is looked up instead
    convolution         cross-correlation, output sizes, from a dense layer to a convolution, 1x1
    receptive_field     how much of the image a number deep in a network depends on
    pooling             the largest or the mean of each window
    gram                which features occur together: the style of an image
    reparameterization  sampling that lets gradients through, and its KL term in closed form

A recurrent network written out the same way is `ScratchRNN` in `models/text/char_rnn.py`, which
`handloom train char-rnn --cell scratch` trains; a kernel learned by gradient descent is the job
`filter`.
"""
