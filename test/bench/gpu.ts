/**
 * Times each network on the GPU by the library's own classes, in a worker of headless Chromium, compares its
 * numbers with WASM's, and says where the time of a run goes. Fails where there is no GPU, and says so.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { BROWSER_ARGS, ensureBrowser, GPU_ARGS, WEBGPU_ARGS } from '../../scripts/find-browser.ts';
import { gpuTable, rowOf, writeGpuTable } from './gpu-report.ts';
import type { GpuReport, GpuRow } from './gpu-report.ts';
import { describeMachine } from './machine.ts';
import type { BenchGpu } from './pages/gpu.ts';
import { BENCH_MODELS } from './pages/model-inputs.ts';
import { serve } from './server.ts';

const NETWORKS = Object.keys(BENCH_MODELS);
const USAGE = `usage: npm run bench -- gpu [options]
  --network NAME…  ${NETWORKS.join(', ')} (default: all)
  --batch N…       squares in one run (default 1, 4, 8)
  --runs N         of each that are timed (default 50)
  --card TEXT      the GPU and its driver, for the report: WebGPU tells little of them
  --flags=TEXT     Chromium's flags (default ${GPU_ARGS.join(' ') || 'none'})
  --software       on Chromium's own program that acts as a GPU: seconds for a run, only to try this command
  --json FILE      writes all figures there
  --docs FILE      measures nothing: writes the table of docs/backends.md from such a file`;

const { values } = parseArgs({
  options: {
    network: { type: 'string', multiple: true, default: NETWORKS },
    batch: { type: 'string', multiple: true, default: ['1', '4', '8'] },
    runs: { type: 'string', default: '50' },
    card: { type: 'string' },
    flags: { type: 'string' },
    software: { type: 'boolean', default: false },
    json: { type: 'string' },
    docs: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const networks = NETWORKS.filter((name) => values.network.includes(name));
const batches = values.batch.map(Number);
const runs = Number(values.runs);
if (values.help || networks.length === 0 || !batches.every((batch) => batch >= 1) || !(runs >= 1)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

if (values.docs === undefined) {
  const report = await measure();
  if (report) {
    console.log(`\n${gpuTable(report).join('\n')}`);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  } else {
    process.exitCode = 1;
  }
} else {
  writeGpuTable(JSON.parse(readFileSync(values.docs, 'utf8')) as GpuReport);
}

/** What `pages/gpu.ts` leaves in its page. */
declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var benchGpu: BenchGpu | undefined;
}

/** `undefined` where there is no GPU, of which it has been told then. */
async function measure(): Promise<GpuReport | undefined> {
  const flags = values.flags?.split(' ') ?? (values.software ? WEBGPU_ARGS : GPU_ARGS);
  const server = await serve();
  const browser = await chromium.launch({
    executablePath: ensureBrowser(),
    args: [...BROWSER_ARGS, ...flags.filter((flag) => flag !== '')],
  });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`  ${String(error)}`));
    await page.goto(`${server.origin}/empty`);
    await page.evaluate((url) => import(url), `${server.origin}/test/bench/pages/gpu.ts`);
    const opened = await page.evaluate(
      async (software) => globalThis.benchGpu?.open(software),
      values.software,
    );
    if (!opened) throw new Error('the page gives no answer');
    if ('reason' in opened) {
      console.error(
        `There is no GPU to measure: ${opened.reason} Chromium was started with ${flags.join(' ') || 'no flags'}; --flags gives it others, --software does without a GPU.`,
      );
      return undefined;
    }
    const { adapter, features, startMs } = opened;
    console.log(`${adapter.vendor} ${adapter.architecture} ${adapter.description}: ${features.join(', ')}`);
    const rows: GpuRow[] = [];
    for (const network of networks) rows.push(...(await measureNetwork(page, network)));
    return {
      date: new Date().toISOString().slice(0, 10),
      command: `npm run bench -- gpu${values.flags === undefined ? '' : ` --flags="${values.flags}"`}`,
      machine: describeMachine(`Chromium ${browser.version()}`),
      adapter,
      ...(values.card !== undefined && { card: values.card }),
      features,
      startMs,
      runs,
      rows,
    };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** In each precision and with each batch. What fails is told of and left out. */
async function measureNetwork(page: Page, network: string): Promise<GpuRow[]> {
  const most = Math.max(...batches);
  const chosen = await page.evaluate((asked) => globalThis.benchGpu?.choose(...asked), [
    network,
    most,
    runs,
  ] as const);
  const rows: GpuRow[] = [];
  for (const precision of chosen?.precisions ?? []) {
    for (const batch of batches) {
      try {
        const measured = await page.evaluate((asked) => globalThis.benchGpu?.measure(...asked), [
          { precision, batch },
          runs,
        ] as const);
        if (!chosen || !measured) throw new Error('the page gives no answer');
        const row = rowOf(network, { precision, batch }, chosen.wasmRuns, measured);
        rows.push(row);
        const { issue, compute, read, inFlight } = row.stages;
        console.log(
          `${network}, ${precision}, ${batch}: ${row.ms} ms${row.headMs === undefined ? '' : `, with mask ${row.headMs}`} (WASM ${row.wasmMs}); issue ${issue}, compute ${compute}, read ${read}, in flight ${inFlight}; start ${row.startMs} + ${row.firstMs}; ${(100 * row.share).toFixed(0)} % of what may be: ${row.words}; ${JSON.stringify(row.differences)}`,
        );
      } catch (error) {
        console.error(`${network}, ${precision}, ${batch}: ${String(error)}`);
      }
    }
  }
  return rows;
}
