import '../../src/worker/entry.ts';

/** A picture of this width makes the worker throw where nobody catches it, as a defect or a lack of memory would. */
const FATAL_WIDTH = 77;

addEventListener('message', ({ data }: MessageEvent) => {
  // comlink's wire form of `analyse(call, frame)`.
  if (data?.argumentList?.[1]?.value?.width === FATAL_WIDTH) throw new Error('the worker was made to crash');
});
