// Fills of the map: the rung that the reader chooses, in colours and in the figures written there.
"use strict";
(() => {
  const fills = JSON.parse(document.getElementById("fills").textContent);
  const status = document.getElementById("shown");

  const show = (rung, label) => {
    const places = fills[rung];
    for (const area of document.querySelectorAll("[data-place]")) {
      area.setAttribute("fill", places[area.dataset.place][0]);
    }
    for (const figure of document.querySelectorAll("[data-share]")) {
      figure.textContent = places[figure.dataset.share][1];
    }
    for (const picture of document.querySelectorAll(".panels svg")) {
      const about = picture.getAttribute("aria-label").split(", by place:")[1];
      picture.setAttribute("aria-label", `Alignment, ${label}, by place:${about}`);
    }
    status.textContent = `The map shows: ${label}`;
  };

  for (const input of document.querySelectorAll("input[name=rung]")) {
    input.addEventListener("change", () => show(input.value, input.parentElement.textContent.trim()));
    if (input.checked && input !== document.querySelector("input[name=rung]")) {
      show(input.value, input.parentElement.textContent.trim()); // as the browser restored it
    }
  }
})();
