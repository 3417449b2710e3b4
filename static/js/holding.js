// A story in hand: while somebody works on it the claim is renewed, and when its page is really left others may have it.
// Without this file the claim simply runs out.
(function () {
  "use strict";

  var EVERY = 60000; // milliseconds: renewed at most once a minute
  var AHEAD = 400; // milliseconds by which it is said before signing out that others may have the story
  var LATE = 2000; // until a renewal has reached the server; one that takes longer only lets the claim run out
  var item = /^.*\/desk\/items\/[^\/]+/.exec(location.pathname);
  var holds = item && document.querySelector('form[action="' + item[0] + '/skip"]');
  if (!holds) return;

  var claimed = Date.now(); // the server had claimed it for this page before that
  var stays = false; // a form of the desk was sent: it decides what becomes of the claim

  function tell(what, held) {
    var form = new FormData();
    form.append("csrf_token", holds.elements.csrf_token.value);
    form.append("held", held);
    return navigator.sendBeacon(item[0] + "/" + what, form);
  }

  function renew() {
    if (tell("renewal", 0)) claimed = Date.now() + LATE;
  }

  function release() {
    // How long ago it was claimed, so that a page that was only loaded again keeps what it has claimed anew meanwhile.
    var held = Date.now() - claimed;
    if (held > 0) tell("release", held);
  }

  ["keydown", "pointerdown", "scroll", "input"].forEach(function (sign) {
    addEventListener(sign, function () { if (Date.now() - claimed >= EVERY) renew(); }, { passive: true, capture: true });
  });
  document.addEventListener("submit", function (event) {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    stays = true;
    var action = event.target.getAttribute("action");
    if (action.indexOf("/desk/") < 0) release();
    // Signing out ends the right to say anything: of two requests sent at once it might be heard first.
    if (/\/sign-out$/.test(action)) {
      event.preventDefault();
      setTimeout(function () { event.target.submit(); }, AHEAD);
    }
  });
  addEventListener("pagehide", function () { if (!stays) release(); });
  addEventListener("pageshow", function (event) {
    stays = false;
    if (event.persisted) renew();
  });
})();
