"""The study table: its types, its reader, its checks."""
