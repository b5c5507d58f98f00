/**
 * Human with MoveNet lightning alone, on TensorFlow.js' WASM backend, and
 * nothing taken over from the frame before.
 */
import type { Config } from '@vladmandic/human';
import type * as HumanLibrary from '@vladmandic/human';
import { Clip } from './clip.ts';
import { timeCalls } from './contender.ts';
import type { Contender } from './contender.ts';

const SCRIPT = '/node_modules/@vladmandic/human/dist/human.esm.js';

/** Loads Human. Its task is `track`, which for it is the same as a photo. */
export async function open(): Promise<Contender> {
  const { Human } = (await import(/* @vite-ignore */ SCRIPT)) as typeof HumanLibrary;
  const off = { enabled: false };
  const config: Partial<Config> = {
    backend: 'wasm',
    wasmPath: '/node_modules/@tensorflow/tfjs-backend-wasm/dist/',
    modelBasePath: '/node_modules/@vladmandic/human/models/',
    cacheSensitivity: 0,
    debug: false,
    filter: off,
    face: off,
    hand: off,
    object: off,
    gesture: off,
    segmentation: off,
    body: { enabled: true, modelPath: 'movenet-lightning.json', maxDetected: 1, skipFrames: 0, skipTime: 0 },
  };
  const human = new Human(config);
  await human.load();
  const clip = await Clip.open();
  return {
    call: (_task, count) =>
      timeCalls(
        count,
        () => clip.draw(),
        async (canvas) => (await human.detect(canvas)).body.length > 0,
      ),
  };
}
