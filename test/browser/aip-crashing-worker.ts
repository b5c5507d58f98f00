import '../../src/worker/entry.ts';

/** Base64 as short as this makes the worker throw where nobody catches it, as a lack of memory would. */
const FATAL_LENGTH = 2000;

addEventListener('message', ({ data }: MessageEvent) => {
  // comlink's wire form of `analyse(call, frame)`.
  if (data?.argumentList?.[1]?.value?.data?.length < FATAL_LENGTH)
    throw new Error('the worker was made to crash');
});
