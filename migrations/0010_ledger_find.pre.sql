-- Where an entry stands, by its leaf hash: for receipts. A hash index: half the size of a B-tree, and it slows appending least
-- (docs/decisions/0014-finding-entries.md).
CREATE INDEX entries_leaf_hash ON ledger.entries USING hash (leaf_hash);
