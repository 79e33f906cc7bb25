namespace Constants;

internal static class Program
{
    // Constants in the language's sense: they can be arguments of attributes and sizes.
    private const int Sum = BuildConstants.Answer + BuildConstants.Least;

    internal static int Main() => Sum;
}
