import '../../src/worker/entry.ts';

// As in a browser that cannot suspend WASM; the library looks for it when it is opened.
Reflect.deleteProperty(WebAssembly, 'Suspending');
