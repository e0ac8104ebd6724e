global using Agt.Testing;
global using Xunit;
