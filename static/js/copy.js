// Copying a receipt or one's own words, and printing a receipt. The buttons are there only where they can work.
(function () {
  "use strict";

  function copyByHand(source) {
    if (source.select) {
      source.select();
    } else {
      getSelection().selectAllChildren(source);
    }
    return document.execCommand("copy");
  }

  document.querySelectorAll("[data-print]").forEach(function (place) {
    place.hidden = false;
    place.querySelector("button").addEventListener("click", function () { print(); });
  });

  document.querySelectorAll("[data-copy]").forEach(function (place) {
    var source = document.getElementById(place.dataset.copy);
    var button = place.querySelector("button");
    var said = place.querySelector("[role=status]");
    if (!source || !button) return;
    place.hidden = false;
    button.addEventListener("click", function () {
      var words = "value" in source ? source.value : source.innerText.trim();
      var done = function () { said.textContent = said.dataset.done; };
      if (navigator.clipboard && isSecureContext) {
        navigator.clipboard.writeText(words).then(done, function () { if (copyByHand(source)) done(); });
      } else if (copyByHand(source)) {
        done();
      }
    });
  });
})();
