global using Agt.Testing;
global using Microsoft.Extensions.AI;
global using Xunit;
