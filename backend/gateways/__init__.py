"""The outside, each behind one small class: files, mail, signals, PDF. Knows no concept of the domain."""
