import { BACKENDS, DEFAULT_VALIDITY, QUALITIES } from 'body21';
import { settingIn } from './address.ts';
import type { Analyser } from './analyser.ts';
import { byId } from './dom.ts';
import { MODEL_CHOICES } from './state.ts';
import type { Store } from './state.ts';

/**
 * Model, quality and backend, which mean a new analysis, and the filter's thresholds, which act on what is
 * there. The first three begin as the page's address says, as in `?model=heavy&quality=best`.
 */
export function connectSettings(store: Store, analyser: Analyser): void {
  const { search } = location;
  const { state } = store;
  store.update({
    model: settingIn(search, 'model', MODEL_CHOICES) ?? state.model,
    quality: settingIn(search, 'quality', QUALITIES) ?? state.quality,
    backend: settingIn(search, 'backend', BACKENDS) ?? state.backend,
  });
  connectChoice('model', MODEL_CHOICES, store.state.model, (model) => analyser.use({ model }));
  connectChoice('quality', QUALITIES, store.state.quality, (quality) => analyser.use({ quality }));
  connectChoice('backend', BACKENDS, store.state.backend, (backend) => analyser.use({ backend }));

  connectSlider(store, 'keypointScore', 'keypoint-score');
  connectSlider(store, 'boxScore', 'box-score');
  byId('reset', HTMLButtonElement).addEventListener('click', () =>
    store.update({ thresholds: DEFAULT_VALIDITY }),
  );
}

function connectChoice<T extends string>(
  id: string,
  names: readonly T[],
  initial: T,
  choose: (name: T) => void,
): void {
  const select = byId(id, HTMLSelectElement);
  select.addEventListener('change', () => {
    const chosen = names.find((name) => name === select.value);
    if (chosen !== undefined) choose(chosen);
  });
  // The browser may have kept another choice over a reload.
  select.value = initial;
}

function connectSlider(store: Store, name: 'keypointScore' | 'boxScore', id: string): void {
  const slider = byId(id, HTMLInputElement);
  const output = byId(`${id}-value`, HTMLElement);
  slider.addEventListener('input', () => {
    store.update({ thresholds: { ...store.state.thresholds, [name]: slider.valueAsNumber } });
  });
  store.watch(
    ({ thresholds }) => [thresholds[name]],
    (value) => {
      if (slider.valueAsNumber !== value) slider.valueAsNumber = value;
      output.textContent = value.toFixed(2);
    },
  );
}
