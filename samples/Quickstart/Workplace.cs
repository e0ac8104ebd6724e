using System.ComponentModel;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Quickstart;

/// <summary>The real things that the agents' tools act on: a SQLite database and a folder of files, both temporary.</summary>
internal sealed class Workplace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agt-quickstart-");
    private readonly SqliteConnection _database;

    public Workplace()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "notes"));
        File.WriteAllText(Path.Combine(_folder.FullName, "notes", "call.txt"), "The customer called twice about order A-10442.");
        _database = new SqliteConnection("Data Source=" + Path.Combine(_folder.FullName, "shop.db"));
        _database.Open();
        Execute("create table orders (id text primary key, customer text, card text, total real)");
        Execute("create table refunds (order_id text, amount real)");
        Execute("insert into orders values ('A-10442', 'Mara Lind', '4111 1111 1111 1111', 899.0)");
    }

    public int Files => Directory.GetFiles(_folder.FullName, "*.txt", SearchOption.AllDirectories).Length;

    public double Refunded => Convert.ToDouble(Scalar("select coalesce(sum(amount), 0) from refunds"), CultureInfo.InvariantCulture);

    [Description("Finds an order by its number.")]
    public string FindOrder(string order)
    {
        using SqliteCommand command = Command("select customer || ', card ' || card || ', total ' || total from orders where id = $id", ("$id", order));
        return command.ExecuteScalar() as string ?? "no such order";
    }

    [Description("Pays money back for an order.")]
    public string IssueRefund(string order, double amount)
    {
        using SqliteCommand command = Command("insert into refunds values ($id, $amount)", ("$id", order), ("$amount", amount));
        command.ExecuteNonQuery();
        return string.Create(CultureInfo.InvariantCulture, $"refunded {amount}");
    }

    [Description("Reads a text file.")]
    public string ReadFile(string path) => File.ReadAllText(Path.Combine(_folder.FullName, path));

    [Description("Deletes a file.")]
    public string DeleteFile(string path)
    {
        File.Delete(Path.Combine(_folder.FullName, path));
        return "deleted";
    }

    public void Dispose()
    {
        _database.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = Command(sql);
        command.ExecuteNonQuery();
    }

    private object? Scalar(string sql)
    {
        using SqliteCommand command = Command(sql);
        return command.ExecuteScalar();
    }

    private SqliteCommand Command(string sql, params (string Name, object Value)[] parameters)
    {
        SqliteCommand command = _database.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
