/**
 * Takes files that are dropped anywhere on the page, and shows meanwhile that they can be.
 * @param take told of the files, in order; of none where something else was dropped
 */
export function listenForDrops(take: (files: readonly File[]) => void): void {
  // Entering a child fires before leaving its parent, so only a count tells when the pointer is really out.
  let depth = 0;
  document.addEventListener('dragenter', (event) => {
    event.preventDefault();
    depth++;
    document.body.classList.add('is-dropping');
  });
  document.addEventListener('dragleave', () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) document.body.classList.remove('is-dropping');
  });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    document.body.classList.remove('is-dropping');
    take([...(event.dataTransfer?.files ?? [])]);
  });
}
