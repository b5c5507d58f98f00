/**
 * MediaPipe's own script for pose, on the CPU: without that option, which its documentation does not have, it
 * computes on WebGL, which headless browsers without a GPU emulate.
 */
import type { Pose } from '@mediapipe/pose';
import { Clip, openPhoto } from './clip.ts';
import { timeCalls } from './contender.ts';
import type { Contender, MediaPipeOptions } from './contender.ts';

const FILES = '/node_modules/@mediapipe/pose/';

declare global {
  // oxlint-disable-next-line no-var -- what the script leaves behind
  var Pose: (new (config: { locateFile: (file: string) => string }) => Pose) | undefined;
}

/** Loads MediaPipe. Its tasks are `track` and `photo`. */
export async function open({ modelComplexity, detects }: MediaPipeOptions): Promise<Contender> {
  await loadScript(`${FILES}pose.js`);
  if (!globalThis.Pose) throw new Error('the script has left no Pose');
  const pose = new globalThis.Pose({ locateFile: (file) => FILES + file });
  const options = {
    modelComplexity,
    useCpuInference: true,
    // A confidence that no frame reaches. The landmark model looks at the person all the
    // same, before its answer is dropped for it.
    ...(detects && { minTrackingConfidence: 1 }),
  };
  pose.setOptions(options);
  let found = false;
  pose.onResults(({ poseLandmarks }) => {
    // Nobody found: the property is missing, whatever its type says.
    found = Array.isArray(poseLandmarks) && poseLandmarks.length > 0;
  });
  await pose.initialize();
  const clip = await Clip.open();
  const photo = await openPhoto();
  return {
    call: (task, count) =>
      timeCalls(
        count,
        () => (task === 'track' ? clip.draw() : photo),
        async (image) => {
          await pose.send({ image });
          return found;
        },
      ),
  };
}

function loadScript(src: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.crossOrigin = 'anonymous';
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(`${src} could not be loaded`)));
    document.head.append(script);
  });
}
