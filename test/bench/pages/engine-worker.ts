/** Bare runs by the library's own engine, as the library has it: in a worker, with threads beside it. */
import { expose } from 'comlink';
import { Engine } from '../../../src/engine/engine.ts';
import { EngineSession } from '../../../src/runtime/backend/engine-session.ts';
import { serveAsThread, startThreads } from '../../../src/runtime/backend/engine-threads.ts';
import { numbers } from '../../../src/runtime/backend/session.ts';
import { BareRuns } from './bare-runs.ts';

if (!serveAsThread()) {
  expose(
    new BareRuns(async ({ bytes, image, outputs, threads }) => {
      const team = startThreads(threads - 1);
      const session = EngineSession.start(new Engine({ helpers: team.helpers }), bytes);
      const there = await team.report();
      if (there.threads !== threads) throw new Error(there.threadsReason ?? 'threads are missing');
      return async () => {
        const values = await session.run({ image }, outputs);
        return outputs.map((name) => numbers(values[name], name).length);
      };
    }),
  );
}
