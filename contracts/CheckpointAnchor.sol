// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A notebook of ledger checkpoints that its owner can only continue
/// @notice Holds sizes and roots of RFC 6962 trees, nothing else: no names, no figures, no photographs. What stands here can be neither
/// changed nor taken back, by nobody, the owner included. A log is named by the SHA-256 of its origin line.
contract CheckpointAnchor {
    /// @notice The only account that may append. It cannot be replaced: a new owner is a new contract, and the old one stays readable.
    address public immutable owner;

    /// @notice The largest size anchored of a log, 0 when there is none.
    mapping(bytes32 log => uint64 size) public newest;

    /// @notice The root anchored of a log at a size, 0 when there is none.
    mapping(bytes32 log => mapping(uint64 size => bytes32 root)) public rootAt;

    /// @notice Says in which block a checkpoint was appended, again each time that the newest one is repeated.
    event Anchored(bytes32 indexed log, uint64 indexed size, bytes32 root);

    error NotOwner();
    error NothingToAnchor();
    error Backwards(uint64 newest);
    error OtherRoot(bytes32 anchored);

    constructor() {
        owner = msg.sender;
    }

    /// @notice Append a checkpoint. The newest one may be repeated as it is; a smaller size or another root for it is refused.
    function append(bytes32 log, uint64 size, bytes32 root) external {
        if (msg.sender != owner) revert NotOwner();
        if (size == 0 || root == 0) revert NothingToAnchor();
        uint64 last = newest[log];
        if (size < last) revert Backwards(last);
        if (size == last) {
            if (rootAt[log][size] != root) revert OtherRoot(rootAt[log][size]);
        } else {
            newest[log] = size;
            rootAt[log][size] = root;
        }
        emit Anchored(log, size, root);
    }

    /// @notice Tell whether an entry stands in a log as anchored at `size` (RFC 9162, section 2.1.3.2).
    /// @param leaf The leaf hash: SHA-256 of a zero byte and the entry.
    /// @param index The entry's position, from 0.
    /// @param path The hashes beside the way up, lowest first: exactly as many as this index and size need.
    function included(bytes32 log, uint64 size, uint64 index, bytes32 leaf, bytes32[] calldata path)
        external
        view
        returns (bool)
    {
        bytes32 root = rootAt[log][size];
        if (root == 0 || index >= size) return false;
        uint64 last = size - 1;
        bytes32 node = leaf;
        for (uint256 i = 0; i < path.length; i++) {
            if (last == 0) return false;
            if (index & 1 == 1 || index == last) {
                node = _node(path[i], node);
                while (index & 1 == 0 && index != 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                node = _node(node, path[i]);
            }
            index >>= 1;
            last >>= 1;
        }
        return last == 0 && node == root;
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
