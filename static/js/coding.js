// Coding by keyboard: themes are found by typing. Without this file the list is simply whole, and every form works.
//
// Selected words become places in the story in hiding.js, which counts as the server does.
(function () {
  "use strict";

  var form = document.querySelector("form[data-marks-words]");
  if (!form) return;

  // Themes are found by any part of their names, however they are spelt in capitals or with marks.
  function folded(words) {
    return words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
  }

  var find = form.querySelector("[data-find-theme]");
  var box = find.querySelector("input");
  var themes = Array.from(form.querySelectorAll("[data-theme]"), function (row) {
    return { row: row, tick: row.querySelector("input"), name: folded(row.querySelector("label").textContent) };
  });
  find.hidden = themes.length < 2;

  function narrow() {
    var wanted = folded(box.value);
    themes.forEach(function (theme) {
      // What is chosen stays in sight, so that nothing is given unseen.
      theme.row.hidden = !theme.name.includes(wanted) && !theme.tick.checked;
    });
  }

  box.addEventListener("input", narrow);
  box.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault(); // Enter would send the form
    var wanted = folded(box.value);
    var first = themes.find(function (theme) { return theme.name.includes(wanted); });
    if (!first) return;
    first.tick.checked = true;
    box.value = "";
    narrow();
    first.tick.focus();
  });

  // A passage without words: show where they can be marked, rather than send it and be told so.
  var passage = form.querySelector("[data-passage]");
  form.addEventListener("submit", function (event) {
    if (!event.submitter || event.submitter.value !== "passage") return;
    if (form.elements.spans.value || form.elements.words.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    passage.open = true;
    form.elements.words.focus();
  });
  document.addEventListener("selectionchange", function () {
    if (form.elements.spans.value) passage.open = true;
  });
})();
