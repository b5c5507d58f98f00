import { commands } from 'vitest/browser';
import { expect, test } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import type { BodyAnalysisResult } from '../../src/index.ts';
import golden from '../support/golden.json';
import { expectSame } from './answers.ts';
import onnxRuntimeWorkerUrl from './onnxruntime-worker.ts?worker&url';
import { sampleBlob, SAMPLES } from './pictures.ts';

/** `npm test -- golden` writes the answers anew, to be looked at before they are committed. */
const IS_WRITING = import.meta.env['VITE_GOLDEN'] === 'write';
const FILE = 'test/support/golden.json';

const answers: Record<string, Omit<BodyAnalysisResult, 'log_id'>> = golden;

const EVERY = SAMPLES.map(({ id }) => id);
/** With someone alone, for whom two networks are enough, and with two, for whom all are asked. */
const FOR_ALL_NETWORKS = ['stand', 'two3'];

test.each([
  { pictures: 'every sample picture has', ids: EVERY, runtime: 'engine', threads: 1 },
  { pictures: 'every sample picture has', ids: EVERY, runtime: 'engine', threads: 2 },
  // Several times as slow: as many pictures as it takes to run each network.
  {
    pictures: 'sample pictures for which every network is run have',
    ids: FOR_ALL_NETWORKS,
    runtime: 'onnxruntime',
    threads: 2,
    workerUrl: onnxRuntimeWorkerUrl,
  },
])(
  '$pictures the golden answer, with `lite`, `fast`, WASM, $runtime and $threads threads',
  async ({ ids, runtime, threads, workerUrl }) => {
    using client = await BodyAnalysisClient.create({
      model: 'lite',
      quality: 'fast',
      backend: 'wasm',
      threads,
      ...(workerUrl !== undefined && { workerUrl }),
    });
    expect(client.backend).toMatchObject({ name: 'wasm', runtime, threads });
    // Whoever looks for speed is told why there is less.
    if (runtime !== 'engine') expect(client.backend.runtimeReason).toMatch(/lite.*made not to know it/);
    for (const id of ids) {
      const { person_num, person_info, log_id } = await client.bodyAnalysis(await sampleBlob(id));
      if (IS_WRITING && threads === 1) answers[id] = { person_num, person_info };
      const wanted = answers[id];
      if (!wanted) throw new Error(`${FILE} has no answer for ${id}`);
      expectSame({ person_num, person_info, log_id }, { ...wanted, log_id }, id);
    }
    if (IS_WRITING && threads === 1) await commands.writeFile(FILE, `${JSON.stringify(answers)}\n`);
  },
);
