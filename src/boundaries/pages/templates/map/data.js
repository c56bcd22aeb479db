// What the page holds: the JSON in it, decoded once.

import { decodePayload } from "./core/decode.js";

export const data = decodePayload(JSON.parse(document.getElementById("payload").textContent));
