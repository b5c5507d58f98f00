import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { INSTALLED } from './workspace.ts';

/** How large a script may be; a runtime inside one would make it fourteen megabytes and more. */
const MAX_SCRIPT_BYTES = 700_000;
/** More in base64 than any build of the engine's kernels, from the first bytes of every WASM file. */
const LARGE_WASM = /AGFzb[A-Za-z0-9+/]{40000}/;

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Models and runtimes of the package, which an app needs once each. */
function binaries(): string[] {
  const folder = join(INSTALLED, 'dist/assets');
  return readdirSync(folder)
    .filter((file) => /\.(?:wasm|gz)$/.test(file))
    .map((file) => join(folder, file));
}

/**
 * Expects what was built to hold each of the package's binaries once, byte for
 * byte, and none of them inside a script.
 * @param folder what would be put on a host
 */
export function expectLeanOutput(folder: string): void {
  const files = filesOf(folder);
  const sums = new Map<string, string[]>();
  for (const file of files.filter((each) => /\.(?:wasm|gz)$/.test(each))) {
    const sum = sha256(file);
    sums.set(sum, [...(sums.get(sum) ?? []), file]);
  }
  for (const binary of binaries()) expect(sums.get(sha256(binary)) ?? [], binary).toHaveLength(1);
  expect(sums.size, 'other binaries than the package has').toBe(binaries().length);
  const scripts = files.filter((file) => /\.m?js$/.test(file));
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) {
    expect(statSync(script).size, script).toBeLessThan(MAX_SCRIPT_BYTES);
    expect(LARGE_WASM.test(readFileSync(script, 'utf8')), script).toBe(false);
  }
}
