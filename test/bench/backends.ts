/**
 * Times the built library on each backend in one headless Chromium: how long it takes to get ready, the first
 * call against the tenth, and the stages of a call. On a machine with a GPU, CHROME_PATH and --flags choose a
 * browser that lets headless pages use it.
 */
import { parseArgs } from 'node:util';
import { GPU_ARGS } from '../../scripts/find-browser.ts';
import { openLibrary } from '../../scripts/headless.ts';
import { ANALYSIS_STAGES } from '../../src/schema/analysis.ts';
import { BACKENDS, LANDMARK_MODELS, QUALITIES } from '../../src/schema/loading.ts';
import { median } from './figures.ts';

const USAGE = `usage: npm run bench -- backends [--backend ${BACKENDS.join('|')}]… [--model ${LANDMARK_MODELS.join('|')}]… [--quality ${QUALITIES.join('|')}] [--calls N] [--flags="--FLAG …"] [--photo FILE]
On a GPU of Linux: --flags="${GPU_ARGS.join(' ')}"
On the software adapter, which takes seconds for a run: --backend webgpu --flags=--enable-unsafe-webgpu --calls 1`;

const { values } = parseArgs({
  options: {
    backend: { type: 'string', multiple: true, default: ['auto', 'wasm'] },
    model: { type: 'string', multiple: true, default: ['lite', 'full', 'heavy'] },
    quality: { type: 'string', default: 'fast' },
    calls: { type: 'string', default: '30' },
    flags: { type: 'string', default: '' },
    photo: { type: 'string', default: 'public/samples/two.jpg' },
    help: { type: 'boolean', short: 'h' },
  },
});
const backends = BACKENDS.filter((name) => values.backend.includes(name));
const models = LANDMARK_MODELS.filter((name) => values.model.includes(name));
const quality = QUALITIES.find((name) => name === values.quality);
const calls = Number(values.calls);
if (values.help || !quality || backends.length === 0 || models.length === 0 || !(calls >= 1)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

const browserArgs = values.flags.split(' ').filter((flag) => flag !== '');
for (const model of models) {
  for (const backend of backends) {
    const library = await openLibrary({ model, quality, backend, browserArgs });
    try {
      const times: number[] = [];
      const stages = new Map<string, number[]>();
      for (let call = 0; call < calls; call++) {
        const { ms, result } = await library.analyse(values.photo, { debug: true });
        times.push(ms);
        for (const { stage, ms: took } of result.debug?.stages ?? []) {
          stages.set(stage, [...(stages.get(stage) ?? []), took]);
        }
      }
      const { name, runtime, threads, precision, batch, warmupMs, adapter, skipped } = library.backend;
      const where = adapter ? `${adapter.vendor} ${adapter.architecture}` : `${threads} threads`;
      console.log(
        `${model}, asked for ${backend}: ${name} (${runtime}, ${where}, ${precision}, batch ${batch}), ready in ${warmupMs} ms`,
      );
      for (const { name: other, reason } of skipped) console.log(`  not ${other}: ${reason}`);
      const [first = Number.NaN] = times;
      // The tenth is the middle of what comes after the fifth, since one call alone is mostly noise.
      const later = median(times.length > 5 ? times.slice(5) : times);
      console.log(
        `  call: first ${round(first)} ms, later ${round(later)} ms (${(first / later).toFixed(2)} : 1), fastest ${round(Math.min(...times))} ms`,
      );
      const parts = ANALYSIS_STAGES.map((stage) => {
        const all = stages.get(stage) ?? [];
        return `${stage} ${round(all[0] ?? Number.NaN)}, then ${round(median(all.slice(1)))}`;
      });
      console.log(`  stages in ms: ${parts.join('; ')}`);
    } finally {
      await library.close();
    }
  }
}

function round(ms: number): string {
  return ms.toFixed(1);
}
