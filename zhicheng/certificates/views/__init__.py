"""The pages of certificates: lists, the work station, one certificate, one blank's life."""
