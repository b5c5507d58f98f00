/**
 * The smallest page with each library: it loads the library, and tells of the first photo's answer and when
 * that was there. `performance.now()` counts from the navigation.
 */

const MODELS = ['lite', 'full', 'heavy'] as const;
const PHOTO = '/samples/stand.jpg';

/** The inline script comes first, so that whoever opened the page can wait for the answer at once. */
const HEAD = `<!doctype html><title>start</title>
<script>
globalThis.answer = new Promise((resolve, reject) => {
  globalThis.answered = (found) => resolve({ ms: performance.now(), found });
  addEventListener('error', ({ message }) => reject(new Error(message)));
  addEventListener('unhandledrejection', ({ reason }) => reject(reason));
});
</script>`;

function body21(model: string): string {
  return `${HEAD}
<script type="module">
import { BodyAnalysisClient } from '/dist/index.js';
const client = await BodyAnalysisClient.create({ model: '${model}', quality: 'fast' });
const photo = await (await fetch('${PHOTO}')).blob();
answered((await client.bodyAnalysis(photo)).person_num > 0);
</script>`;
}

function mediapipe(modelComplexity: number): string {
  return `${HEAD}
<script src="/node_modules/@mediapipe/pose/pose.js"></script>
<script type="module">
const pose = new Pose({ locateFile: (file) => '/node_modules/@mediapipe/pose/' + file });
pose.setOptions({ modelComplexity: ${modelComplexity}, useCpuInference: true });
pose.onResults(({ poseLandmarks }) => answered(poseLandmarks?.length > 0));
const image = new Image();
image.src = '${PHOTO}';
await image.decode();
await pose.send({ image });
</script>`;
}

/** Their HTML by path. */
export const START_PAGES: Readonly<Record<string, string>> = Object.fromEntries(
  MODELS.flatMap((model, complexity) => [
    [startPage('body21', model), body21(model)],
    [startPage('mediapipe', model), mediapipe(complexity)],
  ]),
);

/** The path of a start page. */
export function startPage(library: 'body21' | 'mediapipe', model: string): string {
  return `/start/${library}/${model}`;
}
