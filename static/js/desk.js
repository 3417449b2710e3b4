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

  // A story in hand. While somebody works on it the claim is renewed; when its page is really left, others may have it.
  // Without this the claim simply runs out.

  var EVERY = 60000; // at most once a minute
  var item = /^.*\/desk\/items\/[^\/]+/.exec(location.pathname);
  var holds = item && document.querySelector('form[action="' + item[0] + '/skip"]');
  if (!holds) return;

  var claimed = Date.now(); // when this page last heard that the story is in hand; the server had claimed it before that
  var isAsking = false;
  var stays = false; // a form of the desk was sent: it decides what becomes of the claim

  function told(more) {
    var form = new FormData();
    form.append("csrf_token", holds.elements.csrf_token.value);
    for (var name in more) form.append(name, more[name]);
    return form;
  }

  function renew() {
    if (isAsking) return;
    isAsking = true;
    fetch(item[0] + "/renewal", { method: "POST", body: told({}), credentials: "same-origin" })
      .then(function () { claimed = Date.now(); }, function () { /* no line: the next sign of life asks again */ })
      .then(function () { isAsking = false; });
  }

  function release() {
    // How long ago it was claimed, so that a page that was only loaded again keeps what it has claimed anew meanwhile.
    navigator.sendBeacon(item[0] + "/release", told({ held: Date.now() - claimed }));
  }

  ["keydown", "pointerdown", "scroll", "input"].forEach(function (sign) {
    addEventListener(sign, function () { if (Date.now() - claimed >= EVERY) renew(); }, { passive: true, capture: true });
  });
  document.addEventListener("submit", function (event) {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    stays = true;
    // Signing out ends the right to say anything, so it is said before.
    if (event.target.getAttribute("action").indexOf("/desk/") < 0) release();
  });
  addEventListener("pagehide", function () { if (!stays) release(); });
  addEventListener("pageshow", function (event) {
    stays = false;
    if (event.persisted) renew();
  });
})();
