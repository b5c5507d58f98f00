/** Does the checks that its address names, one after the other, and tells the server of each. */
import type { CheckName, Outcome } from '../checks.ts';
import { drawing } from './drawing.ts';
import { Skip } from './expect.ts';
import { otherOrigin, policy, policyOther } from './hosting.ts';
import * as lifecycle from './lifecycle.ts';
import * as pictures from './pictures.ts';
import * as video from './video.ts';

const FUNCTIONS: Readonly<Record<CheckName, () => Promise<void>>> = {
  file: pictures.file,
  bytes: pictures.bytes,
  image: pictures.image,
  canvas: pictures.canvas,
  pixels: pictures.pixels,
  bitmap: pictures.bitmap,
  videoFrame: pictures.videoFrame,
  transparent: pictures.transparent,
  orientation: pictures.orientation,
  broken: pictures.broken,
  extras: pictures.extras,
  defaults: lifecycle.defaults,
  oneThread: lifecycle.oneThread,
  threads: lifecycle.threads,
  webgpu: lifecycle.webgpu,
  cancel: lifecycle.cancel,
  recovery: lifecycle.recovery,
  secondVisit: lifecycle.secondVisit,
  dispose: lifecycle.dispose,
  videoStepped: video.videoStepped,
  videoLive: video.videoLive,
  frameStream: video.frameStream,
  canvasStream: video.canvasStream,
  camera: video.camera,
  drawing,
  otherOrigin,
  otherOriginPlain: otherOrigin,
  policy,
  policyOther,
};

/** What nobody caught while a check was under way. */
const stray: string[] = [];
addEventListener('error', ({ message }) => stray.push(message));
addEventListener('unhandledrejection', ({ reason }) => stray.push(String(reason)));
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  stray.push(`${violatedDirective} forbids ${blockedURI}`),
);

async function outcomeOf(check: CheckName): Promise<Outcome> {
  const start = performance.now();
  const ended = (status: Outcome['status'], reason?: string): Outcome => ({
    check,
    status,
    ...(reason !== undefined && { reason }),
    ms: Math.round(performance.now() - start),
  });
  stray.length = 0;
  try {
    await FUNCTIONS[check]();
    return stray.length === 0 ? ended('pass') : ended('fail', `nobody caught: ${stray.join('; ')}`);
  } catch (error) {
    if (error instanceof Skip) return ended('skip', error.message);
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${String(error.cause)})` : '';
    return ended('fail', `${String(error)}${cause}`);
  }
}

/** Reloads of the page begin where it was. */
const DONE = 'body21-checks-done';
const address = new URL(location.href);
const names = (address.searchParams.get('checks') ?? '').split(',') as CheckName[];
const done = new Set(JSON.parse(sessionStorage.getItem(DONE) ?? '[]') as string[]);
for (const name of names) {
  const mark = `${address.href} ${name}`;
  if (done.has(mark)) continue;
  const outcome = await outcomeOf(name);
  done.add(mark);
  sessionStorage.setItem(DONE, JSON.stringify([...done]));
  await fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) });
}
