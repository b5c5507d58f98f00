import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import '../../src/worker/entry.ts';
import { isNanoDet } from './sessions.ts';

/*
 * The library's worker for pictures of nobody: NanoDet's outputs are zeros there, at no
 * cost. It is what takes the time of a picture in which the pose detector sees nobody
 * alone, and none of what is tested with such.
 */

/** For each stride, which is the end of an output's name. */
const SIDE = 416;

const create = InferenceSession.create.bind(InferenceSession) as (
  bytes: Uint8Array,
  options: InferenceSession.SessionOptions,
) => Promise<InferenceSession>;

InferenceSession.create = (async (bytes: Uint8Array, options: InferenceSession.SessionOptions) => {
  const session = await create(bytes, options);
  if (isNanoDet(bytes)) {
    session.run = async () =>
      Object.fromEntries(
        session.outputNames.map((name) => {
          const cells = (SIDE / Number(name.replace(/\D+/, ''))) ** 2;
          const channels = name.startsWith('scores') ? 1 : 44;
          return [name, new Tensor('float32', new Float32Array(channels * cells), [1, channels, cells])];
        }),
      );
  }
  return session;
}) as typeof InferenceSession.create;
