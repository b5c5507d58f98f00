import type { Analyser } from './analyser.ts';
import { readAddress, writeAddress } from './page-address.ts';
import { SAMPLES } from './samples.ts';
import { selectedPhoto } from './state.ts';
import type { State, Store } from './state.ts';

/** How long a slider rests before the address tells where, in milliseconds: browsers take few changes a second. */
const REST = 300;

/**
 * The page's address tells its settings, so that a link has them and the browser's Back and Forward go through
 * them.
 * @returns what has the address tell how things are
 */
export function connectAddress(store: Store, analyser: Analyser): () => void {
  window.addEventListener('popstate', () => {
    const { model, quality, backend, ...view } = readAddress(location.search);
    const { state } = store;
    store.update(view);
    if (model !== state.model || quality !== state.quality || backend !== state.backend) {
      analyser.use({ model, quality, backend });
    }
    // Which photo is on show is not gone back through.
    write('replace');
  });
  store.watch(
    (state) => [
      state.model,
      state.quality,
      state.backend,
      state.isExplaining,
      state.isEveryone,
      state.answerAs,
      state.snippet,
      state.view,
    ],
    () => write('push'),
  );
  store.watch(
    (state) => [sampleOnShow(state)],
    () => write('replace'),
  );
  let resting: ReturnType<typeof setTimeout> | undefined;
  store.watch(
    ({ thresholds }) => [thresholds],
    () => {
      clearTimeout(resting);
      resting = setTimeout(() => write('replace'), REST);
    },
  );
  window.addEventListener('pagehide', () => write('replace'));
  return () => write('replace');

  function write(how: 'push' | 'replace'): void {
    const { state } = store;
    // Before there is a photo the address is as the visitor gave it.
    if (state.photos.length === 0) return;
    const next = writeAddress(location.search, state, sampleOnShow(state));
    if (next === location.search) return;
    const url = `${location.pathname}${next}`;
    if (how === 'push') history.pushState(undefined, '', url);
    else history.replaceState(undefined, '', url);
  }
}

/** The sample on show, but for the one that the page opens with. */
function sampleOnShow(state: State): string | undefined {
  const sample = selectedPhoto(state)?.sample;
  return sample === SAMPLES[0].file ? undefined : sample;
}
