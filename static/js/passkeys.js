// Making and using passkeys: turns what the page asks into what the browser understands, and its answer into a form.
(function () {
  "use strict";

  function bytes(text) {
    var raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, function (character) { return character.charCodeAt(0); });
  }

  function text(buffer) {
    var raw = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function asked(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    ["excludeCredentials", "allowCredentials"].forEach(function (list) {
      (options[list] || []).forEach(function (key) { key.id = bytes(key.id); });
    });
    return { publicKey: options };
  }

  function answered(key) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (part) {
      if (key.response[part]) response[part] = text(key.response[part]);
    });
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response: response });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    var begin = form.querySelector("[data-begin]");
    var status = form.querySelector("[role=status]");
    if (!window.PublicKeyCredential || !navigator.credentials) {
      status.textContent = status.dataset.trouble;
      return;
    }
    begin.hidden = false;
    begin.addEventListener("click", function () {
      status.textContent = "";
      navigator.credentials[form.dataset.passkey](asked(JSON.parse(form.dataset.options))).then(function (key) {
        form.elements.credential.value = answered(key);
        form.submit();
      }).catch(function () { status.textContent = status.dataset.trouble; });
    });
  });
})();
