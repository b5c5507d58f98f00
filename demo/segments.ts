import { byId } from './dom.ts';

/**
 * Radio buttons that look like one switch.
 * @returns what shows which one is chosen
 */
export function connectSegments<T extends string>(
  id: string,
  names: readonly T[],
  choose: (name: T) => void,
): (name: T) => void {
  const buttons = [...byId(id, HTMLFieldSetElement).querySelectorAll('input')];
  for (const button of buttons) {
    button.addEventListener('change', () => {
      const chosen = names.find((name) => name === button.value);
      if (chosen !== undefined) choose(chosen);
    });
  }
  return (name) => {
    for (const button of buttons) button.checked = button.value === name;
  };
}
