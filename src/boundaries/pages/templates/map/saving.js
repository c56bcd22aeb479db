// Text that the reader keeps as a file of their own; nothing is sent anywhere.

import { el } from "./words.js";

export function saveText(file, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const anchor = el("a", { href: address, download: file });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000); // a busy machine reads it late
}
