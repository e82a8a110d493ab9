// Before the page is painted, and whenever that changes: the colours that the person chose, else those of the system.
{
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("neurflow-theme");
    const wanted = system.matches ? "dark" : "light";
    document.documentElement.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : wanted;
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("themechange", apply);
}
