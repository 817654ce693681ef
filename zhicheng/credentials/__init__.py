"""The credential in a certificate's QR code: its format, the keys that sign it, its proof."""
