// Compiles the contract into built/CheckpointAnchor.json: interface, selectors, bytecode. The same compiler and settings give the same
// bytes, so anybody can hold what stands on a chain against this source.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import solc from "solc";

const name = "CheckpointAnchor";
const here = new URL(".", import.meta.url);
const input = {
  language: "Solidity",
  sources: { [`${name}.sol`]: { content: readFileSync(new URL(`${name}.sol`, here), "utf8") } },
  settings: {
    evmVersion: "paris", // without PUSH0, which several public chains lack
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
for (const message of output.errors ?? []) console.error(message.formattedMessage);
if (output.errors?.length) process.exit(1); // warnings too

const { abi, evm } = output.contracts[`${name}.sol`][name];
const built = {
  compiler: solc.version(),
  abi,
  bytecode: `0x${evm.bytecode.object}`,
  deployed: `0x${evm.deployedBytecode.object}`,
  selectors: evm.methodIdentifiers,
};
mkdirSync(new URL("built/", here), { recursive: true });
writeFileSync(new URL(`built/${name}.json`, here), `${JSON.stringify(built, null, 2)}\n`);
