/** What was measured, and where: figures of other machines do not compare. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/headless.ts';

/** The machine and its browser. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  os: string;
  browser: string;
  node: string;
}

/** The peers, and what they run on. */
const PEERS = ['@mediapipe/pose', '@tensorflow/tfjs-backend-wasm', '@litertjs/core', '@vladmandic/human'];

export function describeMachine(browser: string): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    browser,
    node: process.version,
  };
}

/** The versions of all that was compared. */
export function packageVersions(): Record<string, string> {
  return Object.fromEntries([
    ['body21', versionOf('package.json')],
    ['onnxruntime-web', versionOf('node_modules/onnxruntime-web/package.json')],
    ...PEERS.map((name) => [name, versionOf(`test/bench/node_modules/${name}/package.json`)]),
  ]);
}

function versionOf(file: string): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as { version: string };
  return version;
}
