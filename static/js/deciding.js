// Reasons by digits, and what follows from them. Without this file the reason is chosen from the list, as on any form.
(function () {
  "use strict";

  // A digit in the list of reasons chooses one, whichever digits the keyboard has; Enter sends.

  function digitOf(event) {
    if (/^[1-9]$/.test(event.key)) return Number(event.key);
    var place = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    return place && event.key.length === 1 ? Number(place[1]) : 0;
  }

  document.querySelectorAll("form[data-digits]").forEach(function (form) {
    var list = form.elements.reason;
    var reasons = Array.from(list.options).filter(function (option) { return option.value; });
    reasons.forEach(function (option, index) {
      if (index < 9) option.textContent = index + 1 + " · " + option.textContent;
    });
    form.querySelectorAll("[data-with-script]").forEach(function (hint) { hint.hidden = false; });

    list.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      var chosen = reasons[digitOf(event) - 1];
      if (chosen) {
        event.preventDefault();
        list.value = chosen.value;
        list.dispatchEvent(new Event("change", { bubbles: true }));
      } else if (event.key === "Enter" && list.value) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
  });
})();
