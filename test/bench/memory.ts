/**
 * What a live page takes of the machine's memory: what its process has for itself once the library has
 * followed someone for a while, beyond what it had before the library was loaded. That has everything in it:
 * WASM's memory and code, the script's heaps, threads. In a browser of its own each time, which nobody
 * debugs: a debugger keeps the files and scripts that a page has loaded.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';
import type { MemoryEntrant } from './entrants.ts';
import { median } from './figures.ts';
import type { MemoryOptions, MemoryReport } from './pages/memory.ts';

/** Frames to follow before memory is read. */
const FRAMES = 150;

/** A page that says nothing for so long has failed, in milliseconds. */
const PATIENCE_MS = 300_000;

/** Bytes that a library has in use. */
export interface MemoryUse {
  /** All of it. */
  all: number;
  /** Of that, WASM's memory. */
  wasm: number;
}

/** Whether this system tells what a process has for itself. */
export function canMeasureMemory(): boolean {
  return existsSync('/proc/self/smaps_rollup');
}

/**
 * Measures each so many times, in turns.
 * @returns medians by figure; none where the system does not tell
 */
export async function measureMemory(
  origin: string,
  entrants: readonly MemoryEntrant[],
  repetitions: number,
): Promise<Record<string, MemoryUse>> {
  if (!canMeasureMemory()) {
    console.error('memory: only Linux tells what a process has for itself');
    return {};
  }
  const uses = new Map<string, MemoryUse[]>();
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const { figure, options } of entrants) {
      console.error(`${figure}: ${repetition + 1} of ${repetitions}`);
      const read = await readMemory(origin, { library: options, readings: [FRAMES], collection: 'garbage' });
      uses.set(figure, [...(uses.get(figure) ?? []), ...read]);
    }
  }
  return Object.fromEntries(
    [...uses].map(([figure, all]) => [
      figure,
      { all: median(all.map((use) => use.all)), wasm: median(all.map((use) => use.wasm)) },
    ]),
  );
}

/**
 * Follows a person in a browser of its own.
 * @param onReading told of each reading as it comes
 * @returns what was in use at each of the readings
 */
export async function readMemory(
  origin: string,
  options: Omit<MemoryOptions, 'reportUrl'>,
  onReading: (use: MemoryUse) => void = () => {},
): Promise<MemoryUse[]> {
  const profile = mkdtempSync(join(tmpdir(), 'body21-memory-'));
  const uses: MemoryUse[] = [];
  let before = 0;
  let process: ReturnType<typeof spawn> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const server = createServer();
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve, reject) => {
      const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        timer?.refresh();
        const report = JSON.parse(await text(request)) as MemoryReport;
        if (report.kind === 'error') throw new Error(report.words);
        const all = privateBytesOfPages(process?.pid ?? NaN);
        if (report.kind === 'before') before = all;
        if (report.kind === 'reading') {
          const use = { all: all - before, wasm: report.wasm };
          uses.push(use);
          onReading(use);
        }
        response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end();
        if (uses.length === options.readings.length) resolve();
      };
      server.on('request', (request, response) => {
        answer(request, response).catch(reject);
      });
      timer = setTimeout(() => reject(new Error('the page says nothing')), PATIENCE_MS);
      process = startBrowser(profile, `${origin}/memory#${hashOf(server.address(), options)}`);
      process.on('error', reject);
    });
    return uses;
  } finally {
    clearTimeout(timer);
    server.closeAllConnections();
    server.close();
    if (process) await end(process);
    // What the browser had started may still be writing there.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

function hashOf(
  address: ReturnType<ReturnType<typeof createServer>['address']>,
  options: Omit<MemoryOptions, 'reportUrl'>,
): string {
  if (address === null || typeof address === 'string') throw new Error('the server has no address');
  const all: MemoryOptions = { ...options, reportUrl: `http://127.0.0.1:${address.port}` };
  return encodeURIComponent(JSON.stringify(all));
}

function startBrowser(profile: string, url: string): ReturnType<typeof spawn> {
  const own = [
    '--headless=new',
    '--js-flags=--expose-gc',
    `--user-data-dir=${profile}`,
    // A process for the next page, which comes and goes as the browser likes.
    '--disable-features=SpareRendererForSitePerProcess',
  ];
  return spawn(ensureBrowser(), [...BROWSER_ARGS, ...own, url], { stdio: 'ignore' });
}

async function end(process: ReturnType<typeof spawn>): Promise<void> {
  const ended = new Promise((resolve) => process.once('exit', resolve));
  if (process.kill()) await ended;
}

/** What the processes of all pages of a browser have for themselves. */
function privateBytesOfPages(browser: number): number {
  return descendantsOf(browser)
    .filter((id) => readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('--type=renderer'))
    .reduce((sum, id) => sum + privateBytesIn(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')), 0);
}

function descendantsOf(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      // A program's name, in brackets, may have anything in it.
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      parents.set(Number(name), Number(parent));
    } catch {
      // It has ended meanwhile.
    }
  }
  const isDescendant = (id: number): boolean => {
    const parent = parents.get(id);
    return parent === ancestor || (parent !== undefined && isDescendant(parent));
  };
  return [...parents.keys()].filter(isDescendant);
}

/**
 * The memory that a process alone has written.
 * @param rollup Linux' `smaps_rollup` of it
 */
export function privateBytesIn(rollup: string): number {
  const kB = /^Private_Dirty:\s+(\d+) kB$/m.exec(rollup)?.[1];
  if (kB === undefined) throw new Error('Linux does not tell what the process has for itself.');
  return Number(kB) * 1024;
}
