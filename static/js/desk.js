// The desk by keyboard, each form sent once, drafts of letters. Without this file every form still works.
(function () {
  "use strict";

  // Keys. A button's or summary's own key is in data-key; nothing is heard while somebody types.

  function isTyping(target) {
    return target.closest && target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  }

  function keyOf(event) {
    // On a keyboard of another script the place of the key counts, so that an Arabic keyboard works as well.
    if (/^[a-z?]$/i.test(event.key)) return event.key.toLowerCase();
    if (event.key === "؟") return "?";
    return event.key.charCodeAt(0) > 127 && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
  }

  function press(target) {
    if (target.matches("summary")) {
      var way = target.parentElement;
      way.open = !way.open;
      var first = way.open && way.querySelector("select, textarea, input:not([type=hidden])");
      (first || target).focus();
    } else if (
      target.form && "hide" in target.form.dataset && !target.form.elements.spans.value &&
      !target.form.elements.words.value && !target.form.querySelector("[name=found]:checked")
    ) {
      // Nothing is marked yet: show where it can be.
      target.closest("details").open = true;
      target.form.elements.words.focus();
    } else {
      target.click();
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || isTyping(event.target)) return;
    var key = keyOf(event);
    var target = key && document.querySelector('[data-key="' + key + '"]');
    if (!target) return;
    event.preventDefault();
    press(target);
  });

  // A form is sent once: a second press on a slow line would be a second decision. The server holds that as well.
  document.addEventListener("submit", function (event) {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // The letter's draft follows the reason, until somebody has written in it.
  document.querySelectorAll("form[data-drafts]").forEach(function (form) {
    var drafts = JSON.parse(form.dataset.drafts);
    var letter = form.elements.letter;
    var draft = letter.value;
    form.elements.reason.addEventListener("change", function () {
      if (letter.value !== draft || !(this.value in drafts)) return;
      letter.value = draft = drafts[this.value];
      draft = letter.value;
    });
  });
})();
