/**
 * Finds the Chromium that tests and command-line tools drive: one that is installed already before any
 * that has to be fetched, because a browser is the largest download this project could ask for.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';
import { findProgram } from './programs.ts';

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome'];

/**
 * Flags for every Chromium started here. The sandbox does not work for root, and the rest keeps the browser
 * from talking to its maker's hosts, which on a closed network costs refused connections by the hundred.
 */
export const BROWSER_ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Flags for WebGPU where there may be no GPU: the browser's own software adapter, in pages and in workers.
 * The first is enough for the adapter; the others are what video frames need to get to it.
 */
export const WEBGPU_ARGS = [
  '--enable-unsafe-webgpu',
  '--use-angle=swiftshader',
  '--use-vulkan=swiftshader',
  '--enable-features=Vulkan',
  '--disable-vulkan-surface',
];

/**
 * Flags by which headless Chromium lets pages use the machine's GPU. On Linux it does so for few of them by
 * itself; and where there is no screen ANGLE starts on EGL, but not on Vulkan, which WebGPU has all the same.
 */
export const GPU_ARGS =
  process.platform === 'linux'
    ? [
        '--enable-unsafe-webgpu',
        '--enable-features=Vulkan',
        '--use-angle=gl-egl',
        '--ignore-gpu-blocklist',
        '--disable-vulkan-surface',
      ]
    : [];

/**
 * The path of an installed Chromium or Chrome, or `undefined`:
 * `CHROME_PATH`, then `PATH`, then Playwright's own.
 */
export function findBrowser(): string | undefined {
  const asked = process.env['CHROME_PATH'];
  if (asked) {
    const program = findProgram(asked);
    if (program === undefined) throw new Error(`CHROME_PATH is set to ${asked}, which cannot be executed.`);
    return program;
  }
  const installed = findProgram(...NAMES);
  if (installed !== undefined) return installed;
  const own = chromium.executablePath();
  return existsSync(own) ? own : undefined;
}

function attempt(command: string, args: string[]): void {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  } catch {
    // The caller looks for a browser again, and that look decides.
  }
}

/**
 * The path of a Chromium, installed first where there is none: by Playwright, or on Debian as root by apt.
 * @throws Error that says what to do when no browser can be had.
 */
export function ensureBrowser(): string {
  const found = findBrowser();
  if (found) return found;
  console.log('No Chromium found: installing one for the tests.');
  attempt('npx', ['playwright', 'install', 'chromium']);
  const own = findBrowser();
  if (own) return own;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    attempt('apt-get', ['update']);
    attempt('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium']);
  }
  const installed = findBrowser();
  if (installed) return installed;
  throw new Error(
    'No Chromium or Chrome was found and none could be installed. Install one by hand, or set CHROME_PATH to its executable.',
  );
}
