// Sets the colours before the page is painted, and when they change: those that the user chose, otherwise the system's.
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
