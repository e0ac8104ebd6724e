namespace Agt.Values;

/// <summary>A bounded pool whose slots are spread over threads. Nobody ever waits: an empty pool gives null, a full or busy one drops what it is given.</summary>
internal sealed class StripedPool<T>
    where T : class
{
    private const int Stripes = 16;
    private const int PerStripe = 64;
    private readonly Stripe[] _stripes = new Stripe[Stripes];

    internal StripedPool()
    {
        for (int i = 0; i < Stripes; i++)
        {
            _stripes[i] = new Stripe();
        }
    }

    internal T? TryTake() => Local().TryTake();

    internal void Give(T item) => Local().Give(item);

    private Stripe Local() => _stripes[Environment.CurrentManagedThreadId & (Stripes - 1)];

    private sealed class Stripe
    {
        private readonly T?[] _items = new T?[PerStripe];
        private T? _first;
        private int _count;
        private int _latch;

        internal T? TryTake()
        {
            T? item = _first is null ? null : Interlocked.Exchange(ref _first, null);
            if (item is not null || Volatile.Read(ref _count) == 0 || Interlocked.Exchange(ref _latch, 1) != 0)
            {
                return item;
            }

            if (_count > 0)
            {
                item = _items[--_count];
                _items[_count] = null;
            }

            Volatile.Write(ref _latch, 0);
            return item;
        }

        internal void Give(T item)
        {
            if (_first is null && Interlocked.CompareExchange(ref _first, item, null) is null)
            {
                return;
            }

            if (Interlocked.Exchange(ref _latch, 1) != 0)
            {
                return;
            }

            if (_count < PerStripe)
            {
                _items[_count++] = item;
            }

            Volatile.Write(ref _latch, 0);
        }
    }
}
